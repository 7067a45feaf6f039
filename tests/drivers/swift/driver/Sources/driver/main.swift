import Foundation

let driver = Driver()
while let line = readLine(), driver.begin(line) {}
Say.end()
